export interface FakeDeviceState {
  /** As adb words it. */
  state: 'device' | 'offline' | 'unauthorized' | 'gone';
  capacityBytes: number;
  installMs: number;
  installs: number;
  uninstalls: number;
  sessions: number;
  openSessions?: string[];
  log: string[];
  apps: Record<
    string,
    {
      package: string;
      versionCode: number;
      signature: string;
      sha256: string;
      bytes: number;
      updatedAt: string;
      data: number;
    }
  >;
}

export interface FakeDevice {
  serial: string;
  read(): FakeDeviceState;
  change<T>(apply: (state: FakeDeviceState) => T): T;
  apkOf(name: string): string;
  exists(): boolean;
  installed(name: string): FakeDeviceState['apps'][string] | null;
  refusal(apk: string, options?: { downgrade?: boolean }): string | null;
  install(apk: string): void;
  uninstall(name: string): boolean;
  clear(name: string): boolean;
}

export function openDevice(root: string, serial: string): FakeDevice;
export function manifestOf(apk: string): { package: string; versionCode: number; signature: string };
