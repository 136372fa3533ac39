/** What archive and unarchive have alike. */
import { type ConfigSpec, PypeError } from 'pypeline/sdk'
import { baseOfGlob, type Found, findAll, type Search, walkFolder } from './_paths.js'

export type ArchiveFormat = 'zip' | 'tar.gz'

export const FORMAT = {
  type: 'enum',
  values: ['auto', 'zip', 'tar.gz'],
  description: 'Format of the archive; auto goes by the suffix .zip, .tar.gz or .tgz.',
  example: 'zip',
  default: 'auto',
} as const satisfies ConfigSpec

const NO_FORMAT = 'the path of the archive ends with neither .zip, .tar.gz nor .tgz: set format to zip or tar.gz'

/** The format of an archive by its config or its suffix. Throws CONFIG_INVALID when neither says it. */
export function formatOf(archive: string, format: 'auto' | ArchiveFormat): ArchiveFormat {
  const found = format === 'auto' ? bySuffix(archive) : format
  if (found !== undefined) return found
  throw new PypeError('CONFIG_INVALID', `The format of ${archive} is not known: ${NO_FORMAT}.`, {
    hint: 'set format: zip or format: tar.gz',
  })
}

/** What is wrong with the format at build time; a path with a template is absent there. */
export function findFormatFaults(archive: unknown, format: unknown): string[] {
  const isKnown = typeof archive !== 'string' || (format ?? 'auto') !== 'auto' || bySuffix(archive) !== undefined
  return isKnown ? [] : [NO_FORMAT]
}

function bySuffix(archive: string): ArchiveFormat | undefined {
  if (/\.zip$/i.test(archive)) return 'zip'
  return /\.(tar\.gz|tgz)$/i.test(archive) ? 'tar.gz' : undefined
}

/** What goes into an archive, and under which name. */
export interface Content {
  readonly path: string
  readonly name: string
  readonly isFolder: boolean
}

/**
 * The files and folders of an archive, by name: of one folder what is in it, of a glob its files with their folders below the
 * glob's fixed part, of a list each under its own name. Throws NAME_CLASH.
 */
export async function listContents(search: Search, from: string | readonly string[]): Promise<readonly Content[]> {
  const contents = new Map<string, Content>()
  for (const path of typeof from === 'string' ? [from] : from) {
    for await (const content of listOne(search, path, typeof from !== 'string')) {
      const other = contents.get(content.name)
      if (other !== undefined && !(other.isFolder && content.isFolder)) {
        throw new PypeError('NAME_CLASH', `${other.path} and ${content.path} would both be ${content.name} in the archive.`, {
          hint: 'put them into different folders, or into two archives',
        })
      }
      contents.set(content.name, content)
    }
  }
  return [...contents.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function* listOne(search: Search, path: string, isOfList: boolean): AsyncGenerator<Content> {
  const { found, isMany } = await findAll(search, path, { missing: 'fail' })
  const [first] = found
  if (isMany) {
    // The base is a literal folder: what it matches is named as it is found.
    const base = baseOfGlob(path)
    const cut = base === '.' && !path.startsWith('./') ? 0 : base.endsWith('/') ? base.length : base.length + 1
    for (const { path: file } of found) yield { path: file, name: file.slice(cut), isFolder: false }
  } else if (first?.isFolder === true) {
    const folder = path.replace(/(?<=.)\/+$/, '')
    const prefix = isOfList ? `${first.name}/` : ''
    if (isOfList) yield { path, name: first.name, isFolder: true }
    for await (const each of walkFolder(search, folder, { recursive: true, hidden: true })) {
      refuseLinkedFolder(each)
      const below = each.path.slice(folder.endsWith('/') ? folder.length : folder.length + 1)
      yield { path: each.path, name: `${prefix}${below}`, isFolder: each.isFolder }
    }
  } else if (first !== undefined) yield { path, name: first.name, isFolder: false }
}

function refuseLinkedFolder({ path, isFolder, isLink }: Found & { readonly isLink: boolean }): void {
  if (!isFolder || !isLink) return
  throw new PypeError('FILE_UNREADABLE', `${path} is a symbolic link to a folder; what is behind it would not be in the archive.`, {
    hint: 'name the folder itself in from, or remove the link',
  })
}
