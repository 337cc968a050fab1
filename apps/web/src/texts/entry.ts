import type { Texts } from './text.ts';

/** The pages to sign in and to sign up. */
export const ENTRY = {
  loginTitle: { en: 'Sign in', ru: 'Вход' },
  noAccount: { en: 'No account yet?', ru: 'Ещё нет учётной записи?' },
  register: { en: 'Sign up', ru: 'Зарегистрируйтесь' },
  registerTitle: { en: 'Sign up', ru: 'Регистрация' },
  haveAccount: { en: 'Have an account?', ru: 'Уже есть учётная запись?' },
  login: { en: 'Sign in', ru: 'Войдите' },
} as const satisfies Texts;
