import { createMemoryStore } from '../../src/quota/stores/memory.ts'
import { limitStoreSuite } from './limit-store.ts'

limitStoreSuite('memory', createMemoryStore)
