import type { Platform, Target } from '../../contract/words.ts';
import type { DurationHistory } from '../domain/estimate.ts';
import type { Flakiness } from '../domain/flakiness.ts';

/** What a test file takes on devices of a target and platform: see domain/estimate. */
export interface DurationRecord extends DurationHistory {
  orgId: string;
  testPath: string;
  target: Target;
  platform: Platform;
  /** The app version that the file passed with last; null when it has not. */
  passedAppVersionId: string | null;
}

export interface DurationRecords {
  /** By platform, the most seen first. */
  ofTest(orgId: string, testPath: string, target: Target): Promise<DurationRecord[]>;
  save(record: DurationRecord): Promise<void>;
}

/** Whose installs on which class of devices; `appVersionId` null: of all versions of the organisation. */
interface InstallKind {
  orgId: string;
  appVersionId: string | null;
  target: Target;
}

export interface InstallTimeRecords {
  find(kind: InstallKind): Promise<DurationHistory | undefined>;
  save(record: InstallKind & DurationHistory): Promise<void>;
}

/** A test that was flaky, and how often: see domain/flakiness. */
export interface FlakyRecord extends Flakiness {
  orgId: string;
  testPath: string;
  target: Target;
  /** Of the titles within the file: what names the test there, however long they are. */
  titleHash: string;
  titlePath: string[];
  seenAt: number;
}

export interface FlakyRecords {
  /** Of a test file, so many at most, the latest seen first. */
  ofFile(orgId: string, testPath: string, target: Target, limit: number): Promise<FlakyRecord[]>;
  save(record: FlakyRecord): Promise<void>;
  /** Deletes those last seen before then, so many at most. */
  forget(before: number, limit: number): Promise<void>;
}
