/** A line of the tested commit with something to say about it. Source: GitHub's description of check-run annotations. */
export interface CheckAnnotation {
  /** Relative to the repository, with forward slashes. */
  path: string;
  /** From 1. */
  startLine: number;
  endLine: number;
  level: 'notice' | 'warning' | 'failure';
  /** At most 255 characters. */
  title: string;
  /** At most 64 KiB. */
  message: string;
}

/** A button under a completed check run. */
export interface CheckAction {
  identifier: 'rerun_failed' | 'rerun_other' | 'quarantine';
  /** At most 20 characters. */
  label: string;
  /** At most 40 characters. */
  description: string;
}

/** What a check run shows of a run: rendered from the run's present state alone, so that order and repeats do not matter. */
export interface CheckOutput {
  status: 'queued' | 'in_progress' | 'completed';
  /** Null unless completed. */
  conclusion: 'success' | 'failure' | 'timed_out' | 'cancelled' | 'action_required' | null;
  startedAt: number | null;
  completedAt: number | null;
  /** At most 255 characters. */
  title: string;
  /** At most 65,535 bytes each. */
  summary: string;
  text: string;
  /** All of them, most useful first, at most 200. */
  annotations: CheckAnnotation[];
  /** At most 3, and none unless completed. */
  actions: CheckAction[];
}
