import { h } from './dom.js';
import { formatCents } from './money.js';
import { quantityDiscount } from './pricing.js';
import { language } from './settings.js';
import { t } from './texts.js';

/** A cart's price, row by row; what is not taken off is not shown. */
export function priceTable({ subtotalCents, discountCents, voucherCents, deliveryCents, totalCents }) {
  const price = (cents) => formatCents(cents, language());
  const rows = [
    [t('subtotal'), price(subtotalCents)],
    discountCents > 0 ? [t('quantityDiscount', quantityDiscount), price(-discountCents)] : null,
    voucherCents > 0 ? [t('voucher'), price(-voucherCents)] : null,
    [t('delivery'), deliveryCents > 0 ? price(deliveryCents) : t('free')],
    [t('total'), price(totalCents)],
  ];
  const body = rows
    .filter((row) => row !== null)
    .map(([label, text]) => h('tr', {}, h('th', { scope: 'row' }, label), h('td', {}, text)));
  return h('table', { class: 'prices' }, h('tbody', {}, ...body));
}
