import type { Architecture } from './architecture.ts'
import { article } from './article.ts'
import { articleRecorded } from './article-recorded.ts'
import { compactM } from './compact-m.ts'
import { compactS } from './compact-s.ts'
import { joint } from './joint.ts'
import { linear } from './linear.ts'
import { mlp } from './mlp.ts'
import { piczak } from './piczak.ts'
import { resnetS } from './resnet-s.ts'
import { sbCnn } from './sb-cnn.ts'

/** Every network that can be chosen: ours for CPUs, published ones, heads of embeddings. The first is the default. */
export const ARCHITECTURES: readonly Architecture[] = [
  compactS,
  compactM,
  resnetS,
  joint,
  sbCnn,
  piczak,
  article,
  articleRecorded,
  linear,
  mlp,
]
