import { countPieces } from './cart.js';
import { loadProducts } from './catalogue.js';
import { announce, h } from './dom.js';
import { cartPage } from './pages/cart.js';
import { cataloguePage } from './pages/catalogue.js';
import { checkoutPage } from './pages/checkout.js';
import { orderPage } from './pages/order.js';
import { productPage } from './pages/product.js';
import { settingsPage } from './pages/settings.js';
import { applySettings } from './settings.js';
import { t } from './texts.js';
import { version } from './version.js';

/** A page takes the shop and the address's argument, and returns `{ title, content }`, or null where there is no such page. */
const pages = {
  '': cataloguePage,
  product: productPage,
  cart: cartPage,
  checkout: checkoutPage,
  order: orderPage,
  settings: settingsPage,
};

const shop = { products: [], render, renderFrame };

/** Shows the page the address names. `moveFocus` is for a new page; a page that draws itself anew leaves the focus alone. */
function render({ moveFocus = false } = {}) {
  renderFrame();
  const [name = '', argument = ''] = location.hash.replace(/^#\/?/, '').split('/');
  const page = Object.hasOwn(pages, name) ? pages[name](shop, argument) : null;
  const { title, content } = page ?? missingPage();
  document.title = `${title} · Kettle & Leaf`;
  const main = document.querySelector('#content');
  main.replaceChildren(h('h1', { tabindex: '-1' }, title), ...content);
  if (!moveFocus) return;
  window.scrollTo(0, 0);
  main.querySelector('h1').focus({ preventScroll: true });
}

function renderFrame() {
  applySettings();
  const link = (name, text, extra = null) => {
    const current = location.hash.replace(/^#\/?/, '') === name;
    return h('a', { href: `#/${name}`, 'aria-current': current ? 'page' : false }, text, extra);
  };
  const pieces = countPieces();
  const navigation = document.querySelector('#navigation');
  navigation.setAttribute('aria-label', t('navigation'));
  navigation.replaceChildren(
    link('', t('shop')),
    link('cart', t('cart'), pieces > 0 ? h('span', { class: 'badge' }, String(pieces)) : null),
    link('settings', t('settings')),
  );
  document.querySelector('#footer').replaceChildren(`Kettle & Leaf · ${t('version', { version })}`);
  const connection = document.querySelector('#connection');
  connection.hidden = navigator.onLine;
  connection.textContent = navigator.onLine ? '' : t('offline');
}

function missingPage() {
  return { title: t('notFound'), content: [h('a', { class: 'button', href: '#/' }, t('backToShop'))] };
}

async function open() {
  renderFrame();
  const main = document.querySelector('#content');
  main.replaceChildren(h('p', { class: 'notice', role: 'status' }, t('loading')));
  try {
    shop.products = await loadProducts();
  } catch {
    const again = h('button', { onclick: open }, t('tryAgain'));
    main.replaceChildren(h('p', { class: 'notice', role: 'alert' }, t('unreachable')), again);
    return;
  }
  render();
}

window.addEventListener('hashchange', () => {
  announce('');
  if (shop.products.length > 0) render({ moveFocus: true });
});
window.addEventListener('online', renderFrame);
window.addEventListener('offline', renderFrame);
// safe to leave unawaited because open shows its own failure
void open();
