import { addressFields, readAddress, saveAddress } from '../address.js';
import { cartLines, emptyCart } from '../cart.js';
import { h } from '../dom.js';
import { formatCents } from '../money.js';
import { placeOrder } from '../orders.js';
import { priceTable } from '../prices.js';
import { priceCart } from '../pricing.js';
import { language } from '../settings.js';
import { t } from '../texts.js';
import { currentVoucher } from '../vouchers.js';
import { cartPage } from './cart.js';

/** Where to, how to pay, and the order itself. Without anything in the cart this is the empty cart. */
export function checkoutPage(shop) {
  const lines = cartLines(shop.products);
  if (lines.length === 0) return cartPage(shop);
  const price = priceCart(lines, currentVoucher());
  const order = (event) => {
    event.preventDefault();
    const { payment, ...address } = Object.fromEntries(new FormData(event.target));
    if (!showProblems(event.target)) return;
    const number = placeOrder({ address, payment, price });
    emptyCart();
    location.hash = `#/order/${number}`;
  };
  const remember = (event) => saveAddress({ ...readAddress(), [event.target.name]: event.target.value.trim() });
  return {
    title: t('checkout'),
    content: [
      h(
        'form',
        { class: 'checkout', novalidate: true, onsubmit: order },
        ...Object.entries(addressFields).map(([name, rules]) => field(name, rules, remember)),
        paymentChoice(),
        priceTable(price),
        h('button', {}, t('placeOrder', { total: formatCents(price.totalCents, language()) })),
      ),
    ],
  };
}

function field(name, { problem: _, ...attributes }, remember) {
  return h(
    'div',
    {},
    h('label', { for: name }, t(name)),
    h('input', {
      ...attributes,
      id: name,
      name,
      required: true,
      value: readAddress()[name] ?? '',
      'aria-describedby': `${name}-problem`,
      oninput: remember,
    }),
    h('p', { id: `${name}-problem`, class: 'error' }),
  );
}

function paymentChoice() {
  const choice = (value) =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: 'payment', value, checked: value === 'invoice' }),
      t(value),
    );
  return h('fieldset', {}, h('legend', {}, t('payment')), choice('invoice'), choice('cash'));
}

/** Says at each field what is wrong with it and goes to the first one. True when nothing is wrong. */
function showProblems(form) {
  let first = null;
  for (const [name, { problem }] of Object.entries(addressFields)) {
    const input = form.elements[name];
    const key = problem(input.value.trim());
    input.setAttribute('aria-invalid', String(key !== null));
    form.querySelector(`#${name}-problem`).textContent = key ? t(key) : '';
    first ??= key ? input : null;
  }
  first?.focus();
  return first === null;
}
