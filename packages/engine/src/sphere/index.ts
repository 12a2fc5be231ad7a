export { asSeenIn } from './overlap.js'
export { imageBox, type Point, type Projection, perspective, rolled } from './projection.js'
