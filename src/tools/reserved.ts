/** Names that every object answers to: `constructor`, `__proto__`, `toString`, … */
export const isReservedName = (name: string): boolean => name in Object.prototype || name === 'prototype'
