/** Which images the list shows, and the viewer goes through. */
import { signal } from '@preact/signals'
import { ALL_TASKS, type TaskFilter } from '../api/tasks.js'

export const filter = signal<TaskFilter>(ALL_TASKS)
