import { type TSchema, Type } from 'typebox'

/** Types that settings are made of: closed, with a default where there can be one, and described. */
export const closed = { additionalProperties: false }

export const section = <T extends Record<string, TSchema>>(properties: T, description: string) =>
  Type.Object(properties, { ...closed, default: {}, description })

export const whole = (minimum: number, maximum: number, preset: number, description: string) =>
  Type.Integer({ minimum, maximum, default: preset, description })

export const name = (description: string, options: { default?: string; examples?: string[] } = {}) =>
  Type.String({ minLength: 1, maxLength: 256, description, ...options })

export const path = (description: string, examples: string[]) => Type.String({ minLength: 1, description, examples })

export const pointer = (description: string, options: { default?: string } = {}) =>
  Type.String({ pattern: '^(/[^/]+)+$', maxLength: 256, description, examples: ['/realm_access/roles'], ...options })
