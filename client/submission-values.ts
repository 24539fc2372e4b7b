import { platforms } from '../contract/names.ts';
import type { DeviceRequirement } from '../contract/words.ts';
import { defined } from './defined.ts';
import { InvalidValue } from './invalid-value.ts';
import { parseKeyValues, single } from './key-values.ts';

const priorityWords = new Map([
  ['low', 2],
  ['normal', 5],
  ['high', 8],
]);

/** `0` to `9`, or a word. @throws InvalidValue */
export function parsePriority(text: string): number {
  const priority = priorityWords.get(text) ?? (/^\d$/.test(text) ? Number(text) : undefined);
  if (priority === undefined) throw new InvalidValue('A priority is 0 to 9, or low, normal, high.');
  return priority;
}

/** @throws InvalidValue */
export function parseRetries(text: string): number {
  if (!/^(\d|10)$/.test(text)) throw new InvalidValue('A number from 0 to 10.');
  return Number(text);
}

/** `platform=android,model=Pixel 7,os=14,label=lab`: what a device has to be. @throws InvalidValue */
export function parseDevice(text: string): DeviceRequirement {
  const values = parseKeyValues(text, ['platform', 'model', 'os', 'label']);
  const named = single(values, 'platform');
  const platform = platforms.find((known) => known === named);
  if (named !== undefined && !platform) throw new InvalidValue(`'platform' is one of ${platforms.join(', ')}.`);
  return defined({
    platform,
    model: single(values, 'model'),
    os_version: single(values, 'os'),
    labels: values.get('label'),
  });
}
