import { addToCart, maxQuantity } from '../cart.js';
import { announce, h } from '../dom.js';
import { formatCents } from '../money.js';
import { pictureUrl } from '../pictures.js';
import { language } from '../settings.js';
import { t } from '../texts.js';

/** One product, to be put into the cart any number of times. */
export function productPage({ products, renderFrame }, id) {
  const product = products.find((candidate) => candidate.id === id);
  if (!product) return null;
  const name = product.name[language()];
  const quantity = h('input', {
    id: 'quantity',
    type: 'number',
    inputmode: 'numeric',
    min: 1,
    max: maxQuantity,
    value: 1,
    required: true,
  });
  const done = h('p', { class: 'hint', hidden: true }, '');
  const add = (event) => {
    event.preventDefault();
    addToCart(product.id, quantity.valueAsNumber);
    renderFrame();
    const text = t('added', { quantity: quantity.value, name });
    done.replaceChildren(`${text} `, h('a', { href: '#/cart' }, t('toCart')));
    done.hidden = false;
    announce(text);
  };
  return {
    title: name,
    content: [
      h('img', { class: 'portrait', src: pictureUrl(product), alt: '', width: 100, height: 110 }),
      h('p', { class: 'lead' }, product.about[language()]),
      h('p', { class: 'price large' }, formatCents(product.priceCents, language())),
      h(
        'form',
        { class: 'together', onsubmit: add },
        h('div', {}, h('label', { for: 'quantity' }, t('quantity')), quantity),
        h('button', {}, t('addToCart')),
      ),
      done,
    ],
  };
}
