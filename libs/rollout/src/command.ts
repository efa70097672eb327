/** What people decide about a deployment; `supersede` is what a newer deployment of the same installation does to it. */
export type Command = { readonly actor: string; readonly comment?: string } & (
  | { readonly type: 'approve' | 'reject' | 'pause' | 'resume' | 'abort' }
  | { readonly type: 'promote'; readonly full: boolean }
  | { readonly type: 'rollback'; readonly rollbackDeploymentId: string | null }
  | { readonly type: 'supersede'; readonly by: string }
);
