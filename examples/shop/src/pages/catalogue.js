import { searchProducts } from '../catalogue.js';
import { h } from '../dom.js';
import { formatCents } from '../money.js';
import { pictureUrl } from '../pictures.js';
import { delivery, quantityDiscount } from '../pricing.js';
import { language } from '../settings.js';
import { t } from '../texts.js';

/** Everything on sale, with a search that narrows it while the customer types. */
export function cataloguePage({ products }) {
  const list = h('ul', { class: 'products' });
  const found = h('p', { class: 'hint', role: 'status' });
  const show = (query) => {
    const matches = searchProducts(products, query, language());
    list.replaceChildren(...matches.map(card));
    found.textContent =
      matches.length > 0
        ? t('found', { count: matches.length, total: products.length })
        : t('nothingFound', { query: query.trim() });
  };
  show('');
  const search = h('input', {
    type: 'search',
    id: 'search',
    autocomplete: 'off',
    oninput: (event) => show(event.target.value),
  });
  const values = { ...quantityDiscount, freeFrom: formatCents(delivery.freeFromCents, language()) };
  return {
    title: t('greeting'),
    content: [
      h('p', { class: 'lead' }, t('greetingMore', values)),
      h(
        'form',
        { role: 'search', onsubmit: (event) => event.preventDefault() },
        h('label', { for: 'search' }, t('search')),
        search,
      ),
      found,
      list,
    ],
  };
}

function card(product) {
  return h(
    'li',
    { class: 'card' },
    h('img', { src: pictureUrl(product), alt: '', width: 100, height: 110 }),
    h('h2', {}, h('a', { href: `#/product/${product.id}` }, product.name[language()])),
    h('p', { class: 'price' }, formatCents(product.priceCents, language())),
  );
}
