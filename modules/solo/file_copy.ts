/** Copies files. */
import { defineModule } from 'pypeline/sdk'
import { COUNT, planTransfers, stageModeOf, TRANSFER_CONFIG } from '../_transfers.js'

export default defineModule({
  name: 'file_copy',
  type: 'solo',
  version: '1.0.0',
  description:
    'Copies files, with their rights and their time of change; the copies appear whole when the sub flow has completed. Symbolic links are read through.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: { count: COUNT },
  packages: [],
  config: TRANSFER_CONFIG,
  run: async (_, ctx) => {
    const transfers = await planTransfers(ctx, ctx.config)
    for (const { source, target } of transfers) {
      ctx.signal.throwIfAborted()
      await ctx.stageCopy(source, target, stageModeOf(ctx.config.mode))
    }
    ctx.setGlobal('count', transfers.length)
  },
})
