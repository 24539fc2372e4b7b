import { load, save } from './storage.js';

/**
 * Everything on sale. The last catalogue seen is kept, so that the shop opens without a connection.
 * @throws when there is neither an answer nor a kept catalogue.
 */
export async function loadProducts() {
  try {
    const response = await fetch('catalogue.json');
    if (!response.ok) throw new Error(`The catalogue answered ${response.status}`);
    const products = await response.json();
    save('catalogue', products);
    return products;
  } catch (cause) {
    const kept = load('catalogue', null);
    if (kept) return kept;
    throw cause;
  }
}

/** The products whose name or description has every word of `query` in it, whatever the case. */
export function searchProducts(products, query, language) {
  const words = query.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
  return products.filter(({ name, about }) => {
    const text = `${name[language]} ${about[language]}`.toLocaleLowerCase(language);
    return words.every((word) => text.includes(word));
  });
}
