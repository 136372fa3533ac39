import path from 'node:path'
import { expect, it } from 'vitest'
import { findJobFolder } from '../../../src/cli/find-job/job-folder.js'
import { findRunsFolders } from '../../../src/cli/past-runs/find/find-runs-folders.js'
import { createProject } from '../pype-project.js'

it('finds a job by its path, and by its name in jobs/ also where a folder of that name is no job', () => {
  const { folder } = createProject({
    'jobs/nightly/nightly_dag.json': '{}',
    'nightly/data.csv': '',
    'jobs/hourly/hourly_dag.json': '{}',
    'hourly/hourly_dag.json': '{}',
    'lonely/data.csv': '',
  })
  const found = ['nightly', 'jobs/nightly', 'hourly', 'lonely', 'nothing'].map((job) => path.relative(folder, findJobFolder(job, folder)))
  expect(found).toEqual(['jobs/nightly', 'jobs/nightly', 'hourly', 'lonely', 'nothing'])
})

it('of a job that is not there, only jobs are proposed, and not what else lies in jobs/', () => {
  const { folder } = createProject({ 'jobs/nightly/nightly_dag.json': '{}', 'jobs/notes.md': '', 'jobs/nights/data.csv': '' })
  const find = (job: string) => () => findRunsFolders(job, undefined, folder)
  expect(find('notes')).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND', hint: expect.not.stringContaining('notes.md') }))
  expect(find('nightl')).toThrow(expect.objectContaining({ hint: 'did you mean "nightly"?' }))
})
