import type { SecretProvider } from './secret-provider.js'

const PREFIX = 'SECRET_'

/** Takes secrets from the environment: `{{secret.db/main#password}}` is SECRET_DB_MAIN_PASSWORD. */
export function createEnvProvider(env: { readonly [name: string]: string | undefined }): SecretProvider {
  return {
    read: async (path) => ({
      find: (field) => env[nameVariable(path, field)],
      explain: (field) => ({
        what: `the variable ${nameVariable(path, field)} is not set`,
        hint: 'set the variable for the run, or name another provider in the context: "secrets": {"provider": "file", …}',
      }),
    }),
    ownVariables: (name) => name.startsWith(PREFIX),
    close: () => {},
  }
}

function nameVariable(path: string, field: string): string {
  return PREFIX + `${path}_${field}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
}
