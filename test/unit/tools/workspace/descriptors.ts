import { readdirSync } from 'node:fs'

/** How many descriptors this process holds. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length
