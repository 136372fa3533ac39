/** A process that runs jobs and is killed on the way. Its orders are its only argument; it prints a line for each task. */
import { writeSync } from 'node:fs'
import { openPostgres } from '../../../../src/database/postgres/postgres.js'
import { type Disk, nodeDisk } from '../../../../src/run/checkpoint/files/disk.js'
import { PoweredPlace } from '../../power/powered-place.js'
import { FaultPoints } from './fault-points.js'
import { goOn } from './go-on.js'
import { createMortalDatabases } from './mortal-database.js'
import { createMortalDisk } from './mortal-disk.js'
import type { Answer, Orders, Task } from './task.js'
import { weakenDatabases } from './weaken-databases.js'
import { countFlushes, weakenDisk } from './weaken-disk.js'

const orders: Orders = JSON.parse(process.argv[2] ?? '')

for (const [index, task] of orders.tasks.entries()) {
  const { stop, surveys } = index === orders.tasks.length - 1 ? orders : {}
  const powered =
    stop?.power === undefined && surveys !== true ? undefined : new PoweredPlace(task, stop?.power, countFlushes(orders.weakness))
  writeSync(1, `${JSON.stringify(await perform(task, new FaultPoints(stop, powered), powered))}\n`)
}

function weak(points: FaultPoints): Disk {
  return orders.weakness === undefined ? nodeDisk : weakenDisk(nodeDisk, orders.weakness, points)
}

async function perform(task: Task, points: FaultPoints, powered: PoweredPlace | undefined): Promise<Answer> {
  const disk = weak(points)
  try {
    const { status, errors } = await goOn(task, {
      disk: createMortalDisk(powered?.record(disk) ?? disk, points),
      openDatabase: createMortalDatabases(weakenDatabases(openPostgres, orders.weakness, orders.slow === true), points),
    })
    const answer = { status, points: points.count, errors: errors.map(({ code, message }) => `${code}: ${message}`) }
    return powered === undefined ? answer : { ...answer, steps: powered.steps }
  } catch (error) {
    return { refused: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
