const locales = { en: 'en-IE', de: 'de-DE' };

/** Whole cents as a price in euros, `1295` as "€12.95" or "12,95 €". */
export function formatCents(cents, language) {
  return new Intl.NumberFormat(locales[language], { style: 'currency', currency: 'EUR' }).format(cents / 100);
}
