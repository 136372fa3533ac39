import type { CastRelation, Relation, ScanLock, ScanRelation } from '../../../sdk/relation.js'

type Ports = { readonly [port: string]: Relation | undefined }

/** What a source puts out, with the scans in it held to locked columns. Ports that read the same scan still do. */
export function lockScans(ports: Ports, lock: ScanLock): Ports {
  const scans = new Map<ScanRelation, ScanRelation>()
  const lockScan = (scan: ScanRelation): ScanRelation => {
    const locked = scans.get(scan) ?? { ...scan, lock }
    scans.set(scan, locked)
    return locked
  }
  const others = new Map<Relation, Relation>()
  const lockAll = (relation: Relation): Relation => {
    if (relation.kind === 'scan') return lockScan(relation)
    const locked = others.get(relation) ?? rebuild(relation)
    others.set(relation, locked)
    return locked
  }
  const casts = new Map<CastRelation, CastRelation>()
  const lockCast = (cast: CastRelation): CastRelation => {
    const locked = casts.get(cast) ?? { ...cast, input: lockAll(cast.input) }
    casts.set(cast, locked)
    return locked
  }
  const rebuild = (relation: Exclude<Relation, ScanRelation>): Relation => {
    switch (relation.kind) {
      case 'query':
        return {
          ...relation,
          parts: relation.parts.map((part) => (part.kind === 'relation' ? { ...part, relation: lockAll(part.relation) } : part)),
        }
      case 'cast':
        return lockCast(relation)
      case 'rejects':
        return { kind: 'rejects', of: relation.of.kind === 'scan' ? lockScan(relation.of) : lockCast(relation.of) }
      case 'files':
        return { kind: 'files', of: lockScan(relation.of) }
      default:
        return relation
    }
  }
  return Object.fromEntries(Object.entries(ports).map(([port, relation]) => [port, relation && lockAll(relation)]))
}
