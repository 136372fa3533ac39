import { expect, test } from 'vitest'
import { findNearPath, isYamlName } from '../../src/core/near-path.js'
import { createProject } from '../cli/pype-project.js'

test('the path that was meant has a folder or a last part of nearly the name, or is a file of that name in a folder below', () => {
  const { folder } = createProject({
    'flows/örders here.yaml': '',
    'flows/deep/daily.yaml': '',
    'flows/notes.txt': '',
    'jobs/monthly/monthly.yaml': '',
    'jobs/monthly/monthly_dag.json': '',
    '.hidden/secret.yaml': '',
  })
  const near = (written: string) => findNearPath(written, folder, isYamlName)
  expect(near('flow/örders here.yaml')).toBe('flows/örders here.yaml')
  expect(near('./flows/orders here.yaml')).toBe('flows/örders here.yaml')
  expect(near(`${folder}/flws/daep/dialy.yaml`)).toBe(`${folder}/flows/deep/daily.yaml`)
  expect(near('daily.yaml')).toBe('flows/deep/daily.yaml')
  expect(near('daily')).toBe('flows/deep/daily.yaml')
  expect(near('dayly.yaml')).toBe('flows/deep/daily.yaml')
  expect(near('flows/note.txt')).toBeUndefined()
  expect(near('monthly.yaml')).toBeUndefined()
  expect(near('secret.yaml')).toBeUndefined()
  expect(near('')).toBeUndefined()
  expect(findNearPath('jobs/monthl', folder, 'folder')).toBe('jobs/monthly')
  expect(findNearPath('jobs/yearly', folder, 'folder')).toBeUndefined()
})
