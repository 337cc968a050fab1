import type { CountedText, Texts } from './text.ts';

export const ADMIN = {
  title: { en: 'Administration', ru: 'Администрирование' },
  users: { en: 'Users', ru: 'Пользователи' },
  sessions: { en: 'Live sessions', ru: 'Действующие сессии' },
  orMore: { en: '{count} or more', ru: '{count} или больше' },
  unknown: { en: 'not known right now', ru: 'сейчас неизвестно' },
  waiting: {
    en: 'Changes on their way to the fast copy',
    ru: 'Изменения на пути к быстрой копии',
  },
  toUsers: {
    en: 'See the users and where they are signed in',
    ru: 'Посмотреть пользователей и где они вошли',
  },
  speed: { en: 'How this process serves', ru: 'Как работает этот процесс' },
  nearCopies: {
    en: 'Lookups answered by a near copy',
    ru: 'Проверки, на которые ответила ближняя копия',
  },
  hits: { en: 'Hits', ru: 'Попадания' },
  noneAsked: { en: 'none asked yet', ru: 'проверок ещё не было' },
  answerTimes: { en: 'Answer of the stores, just now', ru: 'Ответ хранилищ, только что' },
} as const satisfies Texts;

/** Goes on from a percentage. */
export const OF_LOOKUPS: CountedText = {
  en: { one: 'of {count}', other: 'of {count}' },
  ru: {
    one: 'из {count} проверки',
    few: 'из {count} проверок',
    many: 'из {count} проверок',
    other: 'из {count} проверки',
  },
};

export const USERS = {
  title: { en: 'Users', ru: 'Пользователи' },
  unreadable: {
    en: 'The users cannot be read right now. Reload the page to try again.',
    ru: 'Сейчас не удаётся прочитать список пользователей. Обновите страницу, чтобы попробовать ещё раз.',
  },
  more: { en: 'More users', ru: 'Ещё пользователи' },
  administrator: { en: 'administrator', ru: 'администратор' },
  signInAsNamed: { en: 'Sign in as {email}', ru: 'Войти от имени пользователя {email}' },
} as const satisfies Texts;

export const USER = {
  title: { en: 'User', ru: 'Пользователь' },
  unreadable: {
    en: 'This user cannot be read right now. Reload the page to try again.',
    ru: 'Сейчас не удаётся прочитать данные пользователя. Обновите страницу, чтобы попробовать ещё раз.',
  },
  devices: { en: 'Signed in on', ru: 'Где выполнен вход' },
  noDevice: { en: 'No device.', ru: 'Нигде.' },
  byAdministrator: { en: 'an administrator', ru: 'администратор' },
  signOutAll: { en: 'Sign out of all devices', ru: 'Завершить все сессии' },
  signOut: { en: 'Sign out', ru: 'Завершить' },
  signOutNamed: {
    en: 'Sign out {name}, {ip}',
    ru: 'Завершить сессию на устройстве «{name}», {ip}',
  },
  impersonation: { en: 'In the place of the user', ru: 'От имени пользователя' },
  impersonationMore: {
    en: 'For half an hour at most. They can see it in their list of devices.',
    ru: 'Не дольше получаса. Пользователь увидит это в своём списке устройств.',
  },
  role: { en: 'Role', ru: 'Роль' },
  ownRole: {
    en: 'This is you. Another administrator can change your role.',
    ru: 'Это вы. Вашу роль может изменить другой администратор.',
  },
} as const satisfies Texts;
