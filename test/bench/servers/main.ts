import { answerParent } from '../child.ts'
import { listenBare } from './bare.ts'
import { listenWithPortcullis } from './portcullis.ts'

const [which, config = ''] = process.argv.slice(2)
answerParent({ port: await (which === 'bare' ? listenBare(config) : listenWithPortcullis(config)) })
