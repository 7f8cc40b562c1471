import { answerParent } from '../child.ts'
import { listenBare } from './bare.ts'
import { listenWithPortcullis } from './portcullis.ts'

const [which, config = ''] = process.argv.slice(2)
const port =
  which === 'portcullis' ? await listenWithPortcullis(config) : await listenBare(config, which === 'remembering')
answerParent({ port })
