import type { Texts } from './text.ts';

// Travels to the browser, in both languages: only what forms and buttons say there.

export const FORM = {
  busy: { en: 'One moment…', ru: 'Минутку…' },
  unreachable: {
    en: 'The server cannot be reached. Please try again.',
    ru: 'Сервер недоступен. Попробуйте ещё раз.',
  },
  passwordLength: { en: 'Use 8 to 256 characters.', ru: 'Нужно от 8 до 256 символов.' },
} as const satisfies Texts;

export const CREDENTIALS = {
  login: { en: 'Sign in', ru: 'Войти' },
  register: { en: 'Sign up', ru: 'Зарегистрироваться' },
  email: { en: 'E-mail address', ru: 'Электронная почта' },
  emailWrong: {
    en: 'Enter an e-mail address, such as ann@example.com.',
    ru: 'Введите адрес электронной почты, например ann@example.com.',
  },
  password: { en: 'Password', ru: 'Пароль' },
  passwordHint: {
    en: '8 to 256 characters. A few unrelated words work well.',
    ru: 'От 8 до 256 символов. Хорошо подходят несколько слов, не связанных между собой.',
  },
  passwordMissing: { en: 'Enter your password.', ru: 'Введите пароль.' },
  remember: { en: 'Remember me on this device', ru: 'Запомнить меня на этом устройстве' },
} as const satisfies Texts;

export const NEW_PASSWORD = {
  change: { en: 'Change password', ru: 'Сменить пароль' },
  current: { en: 'Current password', ru: 'Текущий пароль' },
  currentWrong: { en: 'This is not your current password.', ru: 'Это не ваш текущий пароль.' },
  chosen: { en: 'New password', ru: 'Новый пароль' },
  chosenHint: {
    en: '8 to 256 characters. Your other devices will be signed out.',
    ru: 'От 8 до 256 символов. На других ваших устройствах вход будет завершён.',
  },
  changed: {
    en: 'Your password is changed. All other devices are signed out.',
    ru: 'Пароль изменён. На всех других устройствах вход завершён.',
  },
} as const satisfies Texts;

export const ROLE = {
  change: { en: 'Change role', ru: 'Изменить роль' },
  role: { en: 'Role', ru: 'Роль' },
  user: { en: 'User', ru: 'Пользователь' },
  administrator: { en: 'Administrator', ru: 'Администратор' },
} as const satisfies Texts;

export const IMPERSONATION = {
  begin: { en: 'Sign in as this user', ru: 'Войти от имени пользователя' },
} as const satisfies Texts;

/** The password of who asks, in a form that is about somebody else. */
export const OWN_PASSWORD = {
  label: { en: 'Your own password', ru: 'Ваш собственный пароль' },
  wrong: { en: 'This is not your password.', ru: 'Это не ваш пароль.' },
} as const satisfies Texts;

export const RENAME = {
  rename: { en: 'Rename', ru: 'Переименовать' },
  renameNamed: { en: 'Rename {name}', ru: 'Переименовать «{name}»' },
  name: { en: 'Name of this device', ru: 'Название устройства' },
  save: { en: 'Save', ru: 'Сохранить' },
} as const satisfies Texts;
