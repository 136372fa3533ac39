import { cpSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { runJob } from '../../../src/run/run.js'
import type { RunOptions } from '../../../src/run/run-options.js'
import { act, flow, ResumePlace, waitFor } from './resume-place.js'

/** A project in a folder of its own, with a run that has failed. */
async function createProject() {
  const place = new ResumePlace()
  const body = flow([act('a'), waitFor('b')], ['a (1|) b'])
  const built = await place.build(body)
  const old = path.join(place.root, 'old')
  mkdirSync(old)
  renameSync(path.join(place.root, 'jobs'), path.join(old, 'jobs'))
  const job = path.join(old, path.relative(place.root, built))
  const run = (folder: string, options: Partial<RunOptions> = {}) =>
    runJob(path.join(folder, 'jobs/sample'), { cwd: folder, env: {}, ...options })
  const failed = await run(old)
  expect(existsSync(path.join(job, 'runs', failed.run))).toBe(true)
  return { place, old, run, failed, now: path.join(place.root, 'now') }
}

describe('a run whose project', () => {
  it('was moved is refused with where it was, and goes on behind a link there', async () => {
    const { place, old, now, run, failed } = await createProject()
    renameSync(old, now)
    place.write('now/ready', '')
    await expect(run(now, { resume: {} })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining(`it was started in ${old}, which was moved to ${now}`),
      hint: expect.stringContaining(`ln -s ${now} ${old}`),
    })
    expect(existsSync(old)).toBe(false)
    symlinkSync(now, old)
    expect(await run(now, { resume: {} })).toMatchObject({ status: 'completed', run: failed.run })
  })

  it('was copied goes on in its own folder, and is refused in the copy', async () => {
    const { place, old, now, run, failed } = await createProject()
    cpSync(old, now, { recursive: true })
    for (const folder of ['now', 'old']) place.write(`${folder}/ready`, '')
    await expect(run(now, { resume: {} })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining(`is a copy: the run ${failed.run} is that in ${path.join(old, 'jobs/sample/runs', failed.run)}`),
    })
    expect(await run(old, { resume: {} })).toMatchObject({ status: 'completed' })
  })

  it('is called by another name behind a link is the same', async () => {
    const { place, old, now, run } = await createProject()
    symlinkSync(realpathSync(old), now)
    place.write('old/ready', '')
    expect(await run(now, { resume: {} })).toMatchObject({ status: 'completed' })
  })
})

it('a run whose folder for relative paths is gone is refused, with its name', async () => {
  const place = new ResumePlace()
  const job = await place.build(flow([act('a'), waitFor('b')], ['a (1|) b']))
  const cwd = path.join(place.root, 'work')
  mkdirSync(cwd)
  await place.run(job, { cwd })
  rmSync(cwd, { recursive: true })
  await expect(place.run(job, { resume: {} })).rejects.toMatchObject({
    code: 'RESUME_REFUSED',
    message: expect.stringContaining(`${cwd}, which is gone`),
  })
})
