/** A process that runs jobs and is killed on the way. Its orders are its only argument; it prints a line for each task. */
import { writeSync } from 'node:fs'
import { openPostgres } from '../../../../src/database/postgres/postgres.js'
import { type Disk, nodeDisk } from '../../../../src/run/checkpoint/disk.js'
import { FaultPoints } from './fault-points.js'
import { goOn } from './go-on.js'
import { createMortalDatabases } from './mortal-database.js'
import { createMortalDisk } from './mortal-disk.js'
import type { Answer, Orders, Task } from './task.js'
import { weakenDatabases } from './weaken-databases.js'
import { weakenDisk } from './weaken-disk.js'

const orders: Orders = JSON.parse(process.argv[2] ?? '')

for (const [index, task] of orders.tasks.entries()) {
  const points = new FaultPoints(index === orders.tasks.length - 1 ? orders.stop : undefined)
  writeSync(1, `${JSON.stringify(await perform(task, points))}\n`)
}

function weak(points: FaultPoints): Disk {
  return orders.weakness === undefined ? nodeDisk : weakenDisk(nodeDisk, orders.weakness, points)
}

async function perform(task: Task, points: FaultPoints): Promise<Answer> {
  try {
    const { status, errors } = await goOn(task, {
      disk: createMortalDisk(weak(points), points),
      openDatabase: createMortalDatabases(weakenDatabases(openPostgres, orders.weakness, orders.slow === true), points),
    })
    return { status, points: points.count, errors: errors.map(({ code, message }) => `${code}: ${message}`) }
  } catch (error) {
    return { refused: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
