import { announce, h } from '../dom.js';
import { chooseLanguage, chooseTheme, language, languages, theme, themes } from '../settings.js';
import { t } from '../texts.js';

/** Language and appearance; a choice counts at once and for every later visit. */
export function settingsPage({ render }) {
  const choose = (keep, id) => (event) => {
    keep(event.target.value);
    render();
    document.getElementById(id(event.target)).focus();
    announce(t('saved'));
  };
  const option = ([value, name]) => h('option', { value, selected: value === language() }, name);
  const radio = (value) =>
    h(
      'label',
      { class: 'choice' },
      h('input', {
        type: 'radio',
        name: 'theme',
        id: `theme-${value}`,
        value,
        checked: value === theme(),
        onchange: choose(chooseTheme, (input) => `theme-${input.value}`),
      }),
      t(value),
    );
  return {
    title: t('settings'),
    content: [
      h('label', { for: 'language' }, t('language')),
      h(
        'select',
        { id: 'language', onchange: choose(chooseLanguage, () => 'language') },
        ...Object.entries(languages).map(option),
      ),
      h('fieldset', {}, h('legend', {}, t('theme')), ...themes.map(radio)),
    ],
  };
}
