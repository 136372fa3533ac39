import { PypeError } from '../../core/errors.js'

/** What stands under one path of a provider. */
export interface SecretFields {
  /** The text of a field; undefined when there is none of this name. */
  find(field: string): string | undefined
  /** Why there is no text of this name, as the end of a message, and what to do. */
  explain(field: string): { readonly what: string; readonly hint: string }
}

/** Where secrets come from. */
export interface SecretProvider {
  /** All that stands under a path. Rejects with SECRET_UNREADABLE. */
  read(path: string): Promise<SecretFields>
  /** Variables of the environment that only the provider is to see. */
  readonly ownVariables: (name: string) => boolean
  /** Stops what keeps the login alive. */
  close(): void
}

/** The error for secrets that cannot be had. Its message holds no secret, and it has no cause: that of a client may hold the login. */
export function unreadable(message: string, hint: string): PypeError {
  return new PypeError('SECRET_UNREADABLE', message, { hint })
}
