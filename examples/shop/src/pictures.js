const shapes = {
  bag: (tint) => `
    <path d="M32 30h36l4 58a4 4 0 0 1-4 4H32a4 4 0 0 1-4-4z" fill="${tint}"/>
    <path d="M32 30l2-12h32l2 12z" fill="${tint}" opacity=".7"/>
    <rect x="37" y="46" width="26" height="28" rx="3" fill="#f6efe2"/>
    <path d="M50 51c7 5 7 13 0 18-7-5-7-13 0-18zm0 2v14" fill="none" stroke="${tint}" stroke-width="2"/>`,
  tin: (tint) => `
    <rect x="28" y="30" width="44" height="60" rx="5" fill="${tint}"/>
    <rect x="25" y="20" width="50" height="15" rx="5" fill="${tint}" opacity=".7"/>
    <rect x="28" y="46" width="44" height="28" fill="#f6efe2"/>
    <path d="M41 67c0-10 7-14 18-15 0 11-7 17-18 15zm0 2c4-6 8-9 13-12" fill="none" stroke="${tint}" stroke-width="2"/>`,
  mug: (tint) => `
    <path d="M66 48h7a10 10 0 0 1 0 24h-7" fill="none" stroke="${tint}" stroke-width="6"/>
    <path d="M26 40h42v36a12 12 0 0 1-12 12H38a12 12 0 0 1-12-12z" fill="${tint}"/>
    <path d="M26 40h42v14c-12 6-28 2-42 5z" fill="#f6efe2" opacity=".75"/>
    <path d="M39 32c-4-6 4-8 0-14m14 14c-4-6 4-8 0-14" fill="none" stroke="${tint}" stroke-width="3" opacity=".5" stroke-linecap="round"/>`,
  dripper: (tint) => `
    <path d="M22 28h52L58 62H38z" fill="${tint}"/>
    <path d="M70 34h6a7 7 0 0 1 0 14h-9" fill="none" stroke="${tint}" stroke-width="5"/>
    <rect x="30" y="62" width="36" height="6" rx="3" fill="${tint}" opacity=".7"/>
    <path d="M34 72h28v10a8 8 0 0 1-8 8H42a8 8 0 0 1-8-8z" fill="#f6efe2" stroke="${tint}" stroke-width="2"/>
    <path d="M34 34l8 22m18-22l-6 22M48 34v22" stroke="#f6efe2" stroke-width="2" opacity=".7"/>`,
  box: (tint) => `
    <path d="M24 40h52v46a4 4 0 0 1-4 4H28a4 4 0 0 1-4-4z" fill="${tint}"/>
    <path d="M32 40V24h36v16z" fill="#f6efe2" stroke="${tint}" stroke-width="2"/>
    <path d="M38 52h24L54 74h-8z" fill="#f6efe2"/>
    <path d="M38 24v16m6-16v16m6-16v16m6-16v16m6-16v16" stroke="${tint}" opacity=".4"/>`,
  kettle: (tint) => `
    <path d="M30 52l-16-18" stroke="${tint}" stroke-width="5" stroke-linecap="round"/>
    <path d="M66 50c18-2 18 26 2 28" fill="none" stroke="${tint}" stroke-width="6"/>
    <path d="M32 40h32l6 44a4 4 0 0 1-4 4H30a4 4 0 0 1-4-4z" fill="${tint}"/>
    <rect x="32" y="33" width="32" height="7" rx="3" fill="${tint}" opacity=".7"/>
    <circle cx="48" cy="27" r="5" fill="${tint}"/>
    <path d="M34 48l-3 32" stroke="#f6efe2" stroke-width="3" opacity=".6" stroke-linecap="round"/>`,
};

/** A product's picture as the address of an image, drawn from the catalogue's own words alone. */
export function pictureUrl({ picture, tint }) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 110"><ellipse cx="50" cy="92" rx="34" ry="5" opacity=".12"/>${shapes[picture](tint)}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
