/** A clock and a task queue that move only when a test says so. */
export function scheduler() {
  let time = 0
  let tasks: { readonly at: number; readonly task: () => void }[] = []
  return {
    now: () => time,
    pass: (milliseconds: number) => {
      time += milliseconds
    },
    soon: (task: () => void) => void tasks.push({ at: time, task }),
    later: (task: () => void, milliseconds: number) => void tasks.push({ at: time + milliseconds, task }),
    scheduled: () => tasks.map(({ at }) => at),
    /** Runs what is due; what that schedules waits for the next turn. */
    turn: () => {
      const due = tasks.filter(({ at }) => at <= time)
      tasks = tasks.filter(({ at }) => at > time)
      for (const { task } of due) task()
      return due.length
    },
  }
}
