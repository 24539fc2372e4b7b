/** One WebDriver session of a job. Instants are this machine's clock, in milliseconds. */
export interface SessionRecord {
  id: string;
  startedAt: number;
  /** Null while it is open. */
  endedAt: number | null;
  /** How long the driver took to make it. */
  creationMs: number;
  /** How long the install took that the agent made for it alone, with `reset: reinstall`; null without one. */
  installMs: number | null;
  /** What was on the screen when it ended: files on this machine. */
  captures: Capture[];
}

export interface Capture {
  name: 'screenshot' | 'page-source';
  contentType: string;
  path: string;
}
