import { cartLines, maxQuantity, setQuantity } from '../cart.js';
import { announce, h } from '../dom.js';
import { formatCents } from '../money.js';
import { pictureUrl } from '../pictures.js';
import { priceTable } from '../prices.js';
import { priceCart } from '../pricing.js';
import { language } from '../settings.js';
import { t } from '../texts.js';
import { currentVoucher, voucherForm } from '../vouchers.js';

/** What is in the cart, what it costs, and the way to the checkout. */
export function cartPage(shop) {
  const lines = cartLines(shop.products);
  if (lines.length === 0) {
    return {
      title: t('cart'),
      content: [h('p', { class: 'notice' }, t('emptyCart')), h('a', { class: 'button', href: '#/' }, t('backToShop'))],
    };
  }
  const prices = h('div');
  const showPrices = () => {
    prices.replaceChildren(priceTable(priceCart(cartLines(shop.products), currentVoucher())));
    shop.renderFrame();
  };
  showPrices();
  return {
    title: t('cart'),
    content: [
      h('ul', { class: 'lines' }, ...lines.map((line) => cartLine(shop, line, showPrices))),
      voucherForm(shop.render),
      prices,
      h('a', { class: 'button', href: '#/checkout' }, t('toCheckout')),
    ].filter((part) => part !== null),
  };
}

function cartLine(shop, { product, quantity }, showPrices) {
  const name = product.name[language()];
  const change = (event) => {
    setQuantity(product.id, event.target.value);
    if (event.target.valueAsNumber > 0) showPrices();
    else shop.render();
  };
  const remove = () => {
    setQuantity(product.id, 0);
    shop.render();
    document.querySelector('h1').focus();
    announce(t('removed', { name }));
  };
  return h(
    'li',
    { class: 'line' },
    h('img', { src: pictureUrl(product), alt: '', width: 56, height: 62 }),
    h(
      'div',
      {},
      h('a', { href: `#/product/${product.id}` }, name),
      h('p', { class: 'price' }, formatCents(product.priceCents, language())),
    ),
    h('input', {
      type: 'number',
      inputmode: 'numeric',
      min: 1,
      max: maxQuantity,
      value: quantity,
      'aria-label': t('quantityOf', { name }),
      onchange: change,
    }),
    h('button', { class: 'quiet', 'aria-label': t('remove', { name }), onclick: remove }, '×'),
  );
}
