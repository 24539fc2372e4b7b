const perPriority = 1e14;

/** One number that sorts waiting jobs: higher priority first, then the older. 1e14 ms lie beyond the year 5000. */
export function rankOf(priority: number, enqueuedAt: number): number {
  return (9 - priority) * perPriority + enqueuedAt;
}

/** What a rank was made from. */
export function fromRank(rank: number): { priority: number; enqueuedAt: number } {
  return { priority: 9 - Math.floor(rank / perPriority), enqueuedAt: rank % perPriority };
}
