/**
 * Makes an element. Properties named `on…` become listeners, true and false set or leave out an attribute, and
 * children that are strings become text, never markup.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Says `text` to screen readers without moving the focus. */
export function announce(text) {
  document.querySelector('#announcer').textContent = text;
}
