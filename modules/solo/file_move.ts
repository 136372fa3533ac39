/** Moves or renames files. */
import { defineModule } from 'pypeline/sdk'
import { COUNT, planTransfers, stageModeOf, TRANSFER_CONFIG } from '../_transfers.js'

export default defineModule({
  name: 'file_move',
  type: 'solo',
  version: '1.0.0',
  description:
    'Moves or renames files, to another disk too. All stay where they are until the sub flow has completed. Symbolic links are moved themselves.',
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
      await ctx.stageMove(source, target, stageModeOf(ctx.config.mode))
    }
    ctx.setGlobal('count', transfers.length)
  },
})
