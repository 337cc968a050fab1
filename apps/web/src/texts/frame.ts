import type { Texts } from './text.ts';

/** What stands around the content of every page, or in its place. */
export const FRAME = {
  description: {
    en: 'Server-side sessions: PostgreSQL is the record, Redis is the fast copy.',
    ru: 'Сессии на стороне сервера: PostgreSQL — основное хранилище, Redis — быстрая копия.',
  },
  skip: { en: 'Skip to the content', ru: 'Перейти к содержанию' },
  navigation: { en: 'Main', ru: 'Основная навигация' },
  language: { en: 'Language', ru: 'Язык' },
  administration: { en: 'Administration', ru: 'Администрирование' },
  users: { en: 'Users', ru: 'Пользователи' },
  account: { en: 'Account', ru: 'Учётная запись' },
  devices: { en: 'Devices', ru: 'Устройства' },
  signIn: { en: 'Sign in', ru: 'Войти' },
  signUp: { en: 'Sign up', ru: 'Зарегистрироваться' },
  signOut: { en: 'Sign out', ru: 'Выйти' },
  actingAs: {
    en: 'You are signed in as {email}, in their place.',
    ru: 'Вы действуете от имени пользователя {email}.',
  },
  actingAsMore: {
    en: 'They can see it in their list of devices. To stop signs you out as administrator too.',
    ru: 'Пользователь видит это в своём списке устройств. Прекратив, вы выйдете и из своей учётной записи администратора.',
  },
  stop: { en: 'Stop', ru: 'Прекратить' },
  outage: {
    en: 'We cannot check your session right now. You are not signed out.',
    ru: 'Сейчас мы не можем проверить вашу сессию. Вы не вышли из системы.',
  },
  outageMore: {
    en: 'This usually lasts a few seconds. Reload the page to try again.',
    ru: 'Обычно это длится несколько секунд. Обновите страницу, чтобы попробовать ещё раз.',
  },
  noSuchPage: { en: 'There is no such page', ru: 'Такой страницы нет' },
  toStart: { en: 'Go to the start', ru: 'Перейти на главную' },
} as const satisfies Texts;
