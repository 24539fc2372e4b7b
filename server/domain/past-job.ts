import type { DeviceRequirement, JobStatus, Target } from '../../contract/words.ts';
import type { Attempt, Device } from './model.ts';

/** A job with what its last attempt shows of it, as traces tell it. */
export interface PastJob {
  seq: number;
  id: string;
  orgId: string;
  repositoryId: number | null;
  appVersionId: string;
  target: Target;
  priority: number;
  status: JobStatus;
  createdAt: number;
  estimateMs: number;
  /** Its run's: one of these will do. */
  requirements: DeviceRequirement[] | null;
  /** Null unless it has completed and was executed. */
  attempt: Pick<Attempt, 'agent' | 'device' | 'durationMs' | 'install'> | null;
  /** The device of that attempt, as it is described now; null when it is gone. */
  device: Pick<Device, 'target' | 'platform' | 'model' | 'osVersion' | 'labels'> | null;
  /** What the latest install of the app version took; null before the first, and of one that was never registered. */
  installMs: number | null;
}
