import { h } from '../dom.js';
import { findOrder } from '../orders.js';
import { priceTable } from '../prices.js';
import { t } from '../texts.js';

/** The confirmation of an order. */
export function orderPage(_shop, number) {
  const order = findOrder(number);
  if (!order) return null;
  const { address, payment, price } = order;
  return {
    title: t('thanks', { name: address.name }),
    content: [
      h('p', { class: 'lead' }, t('orderNumber', { number })),
      h('p', {}, t('confirmation', { email: address.email })),
      h('address', {}, address.name, h('br'), address.street, h('br'), `${address.postcode} ${address.city}`),
      h('p', {}, `${t('paid')}: ${t(payment)}`),
      priceTable(price),
      h('a', { class: 'button', href: '#/' }, t('backToShop')),
    ],
  };
}
