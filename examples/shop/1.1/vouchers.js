import { announce, h } from './dom.js';
import { formatCents } from './money.js';
import { language } from './settings.js';
import { load, save } from './storage.js';

const vouchers = {
  WELCOME5: { code: 'WELCOME5', cents: 500, fromCents: 2000 },
  TEATIME2: { code: 'TEATIME2', cents: 200, fromCents: 1000 },
};

const texts = {
  en: {
    label: 'Voucher code',
    redeem: 'Redeem',
    accepted: ({ code, from }) => `Voucher ${code} redeemed. It counts from ${from}.`,
    unknown: 'This code is not valid.',
  },
  de: {
    label: 'Gutscheincode',
    redeem: 'Einlösen',
    accepted: ({ code, from }) => `Gutschein ${code} eingelöst. Er gilt ab ${from}.`,
    unknown: 'Dieser Code ist nicht gültig.',
  },
};

/** The voucher the customer redeemed, or null. */
export const currentVoucher = () => vouchers[load('voucher', '')] ?? null;

/** A form to redeem a voucher; `onRedeem` is called when the total has to be shown anew. */
export function voucherForm(onRedeem) {
  const words = texts[language()];
  const voucher = currentVoucher();
  const input = h('input', {
    id: 'voucher',
    name: 'voucher',
    autocomplete: 'off',
    autocapitalize: 'characters',
    'aria-describedby': 'voucher-message',
    value: voucher?.code ?? '',
  });
  const message = h('p', { id: 'voucher-message', class: 'hint' }, voucher ? accepted(words, voucher) : '');
  const redeem = (event) => {
    event.preventDefault();
    const code = input.value.trim().toUpperCase();
    if (code !== '' && !Object.hasOwn(vouchers, code)) {
      input.setAttribute('aria-invalid', 'true');
      message.className = 'error';
      message.textContent = words.unknown;
      input.focus();
      return;
    }
    save('voucher', code);
    if (code !== '') announce(accepted(words, vouchers[code]));
    onRedeem();
  };
  return h(
    'form',
    { class: 'voucher', onsubmit: redeem },
    h('label', { for: 'voucher' }, words.label),
    h('div', { class: 'together' }, input, h('button', { class: 'quiet' }, words.redeem)),
    message,
  );
}

const accepted = (words, { code, fromCents }) => words.accepted({ code, from: formatCents(fromCents, language()) });
