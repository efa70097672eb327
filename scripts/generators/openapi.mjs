import { importBuilt } from './import-built.mjs';

export default {
  file: 'docs/reference/openapi.json',
  async render() {
    const built = await importBuilt('apps/gateway/dist/openapi/document.js');
    return built && `${JSON.stringify(await built.openApiDocument(), null, 2)}\n`;
  },
};
