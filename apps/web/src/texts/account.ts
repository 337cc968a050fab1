import type { CountedText, Texts } from './text.ts';

export const ACCOUNT = {
  title: { en: 'Account', ru: 'Учётная запись' },
  heading: { en: 'Your account', ru: 'Ваша учётная запись' },
  email: { en: 'E-mail address', ru: 'Электронная почта' },
  since: { en: 'Signed in here since', ru: 'Вход выполнен' },
  until: { en: 'Signed in until', ru: 'Вход действует до' },
  toDevices: { en: 'See where you are signed in', ru: 'Посмотреть, где вы вошли' },
  password: { en: 'Password', ru: 'Пароль' },
} as const satisfies Texts;

/** Also of the devices of another user, where those are the same. */
export const DEVICES = {
  title: { en: 'Devices', ru: 'Устройства' },
  heading: { en: 'Where you are signed in', ru: 'Где вы вошли' },
  unreadable: {
    en: 'The list of your devices cannot be read right now. You are not signed out. Reload the page to try again.',
    ru: 'Сейчас не удаётся прочитать список ваших устройств. Вы не вышли из системы. Обновите страницу, чтобы попробовать ещё раз.',
  },
  thisDevice: { en: 'this device', ru: 'это устройство' },
  byAdministrator: {
    en: 'an administrator, in your place',
    ru: 'администратор от вашего имени',
  },
  lastSeen: { en: 'last seen', ru: 'последняя активность:' },
  signOut: { en: 'Sign out', ru: 'Выйти' },
  signOutThis: { en: 'Sign out this device', ru: 'Выйти на этом устройстве' },
  signOutNamed: { en: 'Sign out {name}, {ip}', ru: 'Выйти на устройстве «{name}», {ip}' },
  signOutOthers: { en: 'Sign out all other devices', ru: 'Выйти на всех других устройствах' },
  signOutAll: { en: 'Sign out everywhere', ru: 'Выйти везде' },
} as const satisfies Texts;

export const SIGNED_IN_ON: CountedText = {
  en: {
    one: 'You are signed in on {count} device.',
    other: 'You are signed in on {count} devices.',
  },
  ru: {
    one: 'Вы вошли на {count} устройстве.',
    few: 'Вы вошли на {count} устройствах.',
    many: 'Вы вошли на {count} устройствах.',
    other: 'Вы вошли на {count} устройства.',
  },
};
