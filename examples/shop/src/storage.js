const prefix = 'kettle-and-leaf.';

/** What is stored under `key`; `fallback` when nothing is, or when the browser keeps nothing (private mode). */
export function load(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(prefix + key)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Stores `value` for the next visit, where the browser allows it. */
export function save(key, value) {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // a full or forbidden storage must not stop a purchase
  }
}
