/**
 * Why adb did not do as told. `device_gone`: the device is unplugged, offline or not authorised; `timed_out`: it did not answer
 * in time; `unavailable`: adb itself cannot be run; `failed`: adb or the device said no, see `output`.
 */
export type AdbFailure = 'device_gone' | 'timed_out' | 'unavailable' | 'failed';

/** A call of adb that did not succeed. The message is for people; `output` is what adb printed, stdout first. */
export class AdbError extends Error {
  override readonly name = 'AdbError';
  readonly failure: AdbFailure;
  readonly output: string;
  constructor(failure: AdbFailure, message: string, output: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
    this.output = output;
  }
}

/** adb's words for a device that is not there, is not ready or does not trust this machine. */
export function tellsDeviceGone(output: string): boolean {
  return /device '.*' not found|device (still )?(offline|unauthorized|connecting)|no devices\/emulators found|device not found|error: closed|protocol fault|no permissions/i.test(
    output,
  );
}
