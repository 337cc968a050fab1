import type { Locale } from '../texts/locale.ts';
import type { Text, Texts } from '../texts/text.ts';

/** Texts of the stable codes that an answer carries in `data.sessionCode`. */
const MESSAGES: Texts = {
  BAD_REQUEST: {
    en: 'Please check what you entered.',
    ru: 'Проверьте введённые данные.',
  },
  BATCH_TOO_LARGE: {
    en: 'Too many calls in one request. Send 10 at most.',
    ru: 'Слишком много вызовов в одном запросе. Отправляйте не больше 10.',
  },
  CROSS_SITE: {
    en: 'This request came from another site and was refused.',
    ru: 'Запрос пришёл с другого сайта и отклонён.',
  },
  EMAIL_TAKEN: {
    en: 'This e-mail address already has an account. Sign in, or use another address.',
    ru: 'Для этого адреса уже есть учётная запись. Войдите или укажите другой адрес.',
  },
  FORBIDDEN: {
    en: 'You are not allowed to do this.',
    ru: 'У вас нет прав на это действие.',
  },
  IDENTITY_NOT_FRESH: {
    en: 'Please enter your password again.',
    ru: 'Введите пароль ещё раз.',
  },
  IMPERSONATION_REFUSED: {
    en: 'Nobody can sign in as this user.',
    ru: 'Войти от имени этого пользователя нельзя.',
  },
  IMPERSONATED: {
    en: 'Only the user may do this, not an administrator in their place.',
    ru: 'Это может сделать только сам пользователь, а не администратор от его имени.',
  },
  INVALID_CREDENTIALS: {
    en: 'E-mail address or password is wrong.',
    ru: 'Неверный адрес или пароль.',
  },
  LOGIN_THROTTLED: {
    en: 'Too many attempts. Please wait a while, then try again.',
    ru: 'Слишком много попыток. Подождите немного и попробуйте ещё раз.',
  },
  NOT_FOUND: {
    en: 'There is no such thing here.',
    ru: 'Ничего не найдено.',
  },
  OWN_ROLE: {
    en: 'You cannot change your own role. Ask another administrator.',
    ru: 'Свою роль изменить нельзя. Попросите другого администратора.',
  },
  PASSWORD_CALLS_BATCHED: {
    en: 'Only one call of a request may carry a password. Send the others by themselves.',
    ru: 'Пароль может быть только в одном вызове запроса. Отправьте остальные отдельно.',
  },
  PASSWORD_TOO_COMMON: {
    en: 'This password is guessed first: it is a common one, or your e-mail address. Choose another.',
    ru: 'Такой пароль подбирают первым: он слишком распространён или совпадает с адресом. Выберите другой.',
  },
  PAYLOAD_TOO_LARGE: {
    en: 'This request is too large.',
    ru: 'Слишком большой запрос.',
  },
  SESSION_LIMIT_REACHED: {
    en: 'You are signed in on as many devices as allowed. Sign out on one of them first.',
    ru: 'Вы вошли на максимально допустимом числе устройств. Сначала выйдите на одном из них.',
  },
  STORE_UNAVAILABLE: {
    en: 'We cannot check your session right now. You are not signed out. Please try again.',
    ru: 'Сейчас мы не можем проверить вашу сессию. Вы не вышли из системы. Попробуйте ещё раз.',
  },
  STREAMING_REFUSED: {
    en: 'Changes cannot be streamed: a cookie must be sent before the body. Use httpBatchLink or httpLink.',
    ru: 'Изменения нельзя передавать потоком: cookie отправляется до тела ответа. Используйте httpBatchLink или httpLink.',
  },
  TOO_BUSY: {
    en: 'Too many people are signing in at this moment. Please try again.',
    ru: 'Сейчас входит слишком много людей. Попробуйте ещё раз.',
  },
  UNAUTHORIZED: {
    en: 'Please sign in.',
    ru: 'Войдите, пожалуйста.',
  },
};

const OTHERWISE: Text = {
  en: 'Something went wrong on our side. Please try again.',
  ru: 'Что-то пошло не так. Попробуйте ещё раз.',
};

/** The text of a code; a general one for codes that no visitor can do anything about. */
export function errorMessage(code: string, locale: Locale): string {
  const message = Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : undefined;
  return (message ?? OTHERWISE)[locale];
}
