/** What is known of how long a test file takes on a class of devices. */
export interface DurationHistory {
  medianMs: number;
  /** Attempts it was learnt from. */
  seen: number;
}

/**
 * The history after one more attempt: its median, moved towards what was seen by a share of itself, so that one hung attempt
 * counts no more than any other that was longer. The share falls from a half to a tenth: what is new is learnt quickly, and
 * what changes is followed, the latest twenty or so attempts deciding.
 */
export function learnDuration(known: DurationHistory | undefined, durationMs: number): DurationHistory {
  const tookMs = Math.max(1, Math.round(durationMs));
  if (!known) return { medianMs: tookMs, seen: 1 };
  const step = 1 + Math.max(0.1, 0.5 / known.seen);
  const medianMs =
    tookMs > known.medianMs ? Math.min(tookMs, known.medianMs * step) : Math.max(tookMs, known.medianMs / step);
  return { medianMs: Math.max(1, Math.round(medianMs)), seen: known.seen + 1 };
}
