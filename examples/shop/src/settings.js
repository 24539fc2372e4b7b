import { load, save } from './storage.js';

export const languages = { en: 'English', de: 'Deutsch' };
export const themes = ['system', 'light', 'dark'];

/** The language to speak: the one chosen, else the browser's, else English. */
export function language() {
  const wanted = load('language', navigator.language.slice(0, 2));
  return wanted in languages ? wanted : 'en';
}

export function theme() {
  const wanted = load('theme', 'system');
  return themes.includes(wanted) ? wanted : 'system';
}

export const chooseLanguage = (value) => save('language', value);
export const chooseTheme = (value) => save('theme', value);

/** Makes the page look and read as chosen. */
export function applySettings() {
  document.documentElement.lang = language();
  document.documentElement.dataset.theme = theme();
}
