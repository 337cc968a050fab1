import type { Texts } from './text.ts';

export const START = {
  heading: { en: 'Log-ins that a team can trust', ru: 'Вход, которому команда может доверять' },
  lead: {
    en: 'A session layer for Next.js and tRPC. Every session is a row in PostgreSQL and a copy in Redis: checked in microseconds, revoked in milliseconds, and still right when a store dies.',
    ru: 'Слой сессий для Next.js и tRPC. Каждая сессия — строка в PostgreSQL и копия в Redis: проверяется за микросекунды, отзывается за миллисекунды и остаётся верной, когда хранилище отказывает.',
  },
  tryIt: {
    en: '<register>Sign up</register> or <login>sign in</login>, do the same in a second browser, and sign one out <devices>from the other</devices>.',
    ru: '<register>Зарегистрируйтесь</register> или <login>войдите</login>, сделайте то же самое во втором браузере и <devices>завершите из него</devices> сессию первого.',
  },
  runningNow: { en: 'Running now', ru: 'Что работает сейчас' },
  mock: {
    en: 'Mock mode: users and sessions live in the memory of this process and end with it.',
    ru: 'Пробный режим: пользователи и сессии живут в памяти этого процесса и исчезают вместе с ним.',
  },
  stores: { en: 'PostgreSQL and Redis.', ru: 'PostgreSQL и Redis.' },
} as const satisfies Texts;

/** How the stores are called and how they stand. */
export const STORES = {
  record: { en: '{name}, the record', ru: '{name}, основное хранилище' },
  copies: { en: '{name}, the fast copy', ru: '{name}, быстрая копия' },
  memoryOfUsers: { en: 'Memory of users', ru: 'Память пользователей' },
  memoryOfCopies: { en: 'Memory of copies', ru: 'Память копий' },
  answers: { en: 'answers', ru: 'отвечает' },
  answersIn: { en: 'answers in {time}', ru: 'отвечает за {time}' },
  silent: { en: 'does not answer', ru: 'не отвечает' },
  silentSince: { en: 'does not answer, since', ru: 'не отвечает с' },
} as const satisfies Texts;
