//! The generated service trait: each method hands its call over to where it is answered. What is left out (state stores)
//! answers that it is not implemented.

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use super::call::rpc;
use super::{Server, apply, read, unbuilt};
use crate::framework::provider::Provider;
use crate::proto::tfplugin6 as message;
use crate::proto::tfplugin6::provider_server::Provider as Service;

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl<P: Provider> Service for Server<P> {
    async fn get_metadata(
        &self,
        _: Request<message::get_metadata::Request>,
    ) -> Answer<message::get_metadata::Response> {
        self.call(rpc("GetMetadata", ""), Default::default(), |core, _| async move { core.metadata() }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<message::get_provider_schema::Request>,
    ) -> Answer<message::get_provider_schema::Response> {
        self.call(rpc("GetProviderSchema", ""), Default::default(), |core, _| async move { core.schemas() }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<message::get_resource_identity_schemas::Request>,
    ) -> Answer<message::get_resource_identity_schemas::Response> {
        self.call(rpc("GetResourceIdentitySchemas", ""), Default::default(), |core, _| async move {
            core.identity_schemas()
        })
        .await
    }

    async fn get_functions(
        &self,
        _: Request<message::get_functions::Request>,
    ) -> Answer<message::get_functions::Response> {
        Ok(Response::new(Default::default()))
    }

    async fn validate_provider_config(
        &self,
        request: Request<message::validate_provider_config::Request>,
    ) -> Answer<message::validate_provider_config::Response> {
        let request = request.into_inner();
        let rpc = rpc("ValidateProviderConfig", "");
        self.call(rpc, Default::default(), |core, _| async move { core.validate_provider(&request) }).await
    }

    async fn configure_provider(
        &self,
        request: Request<message::configure_provider::Request>,
    ) -> Answer<message::configure_provider::Response> {
        let request = request.into_inner();
        let rpc = rpc("ConfigureProvider", "");
        self.call(rpc, Default::default(), |core, stop| core.configure_provider(request, stop)).await
    }

    /// Asks running calls to end early. It returns at once, and the service goes on.
    async fn stop_provider(
        &self,
        _: Request<message::stop_provider::Request>,
    ) -> Answer<message::stop_provider::Response> {
        tracing::debug!(tf_rpc = "StopProvider", "stopping what runs");
        self.0.stop.stop();
        Ok(Response::new(Default::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<message::validate_resource_config::Request>,
    ) -> Answer<message::validate_resource_config::Response> {
        let request = request.into_inner();
        let rpc = rpc("ValidateResourceConfig", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.validate_resource(&request) }).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<message::upgrade_resource_state::Request>,
    ) -> Answer<message::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let rpc = rpc("UpgradeResourceState", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.upgrade_state(&request) }).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<message::upgrade_resource_identity::Request>,
    ) -> Answer<message::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let rpc = rpc("UpgradeResourceIdentity", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.upgrade_identity(&request) }).await
    }

    async fn read_resource(
        &self,
        request: Request<message::read_resource::Request>,
    ) -> Answer<message::read_resource::Response> {
        let request = request.into_inner();
        let rpc = rpc("ReadResource", &request.type_name);
        self.call(rpc, read::unchanged(&request), |core, stop| core.read_resource(request, stop)).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<message::plan_resource_change::Request>,
    ) -> Answer<message::plan_resource_change::Response> {
        let request = request.into_inner();
        let rpc = rpc("PlanResourceChange", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.plan_resource(&request) }).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<message::apply_resource_change::Request>,
    ) -> Answer<message::apply_resource_change::Response> {
        let request = request.into_inner();
        let rpc = rpc("ApplyResourceChange", &request.type_name);
        self.call(rpc, apply::unchanged(&request), |core, stop| core.apply_resource(request, stop)).await
    }

    async fn import_resource_state(
        &self,
        request: Request<message::import_resource_state::Request>,
    ) -> Answer<message::import_resource_state::Response> {
        let request = request.into_inner();
        let rpc = rpc("ImportResourceState", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.import_resource(request) }).await
    }

    async fn move_resource_state(
        &self,
        request: Request<message::move_resource_state::Request>,
    ) -> Answer<message::move_resource_state::Response> {
        Ok(Response::new(unbuilt::move_resource(request.get_ref())))
    }

    async fn generate_resource_config(
        &self,
        request: Request<message::generate_resource_config::Request>,
    ) -> Answer<message::generate_resource_config::Response> {
        Ok(Response::new(unbuilt::generate_config(&request.get_ref().type_name)))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<message::validate_data_resource_config::Request>,
    ) -> Answer<message::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let rpc = rpc("ValidateDataResourceConfig", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.validate_data_source(&request) }).await
    }

    async fn read_data_source(
        &self,
        request: Request<message::read_data_source::Request>,
    ) -> Answer<message::read_data_source::Response> {
        let request = request.into_inner();
        let rpc = rpc("ReadDataSource", &request.type_name);
        self.call(rpc, Default::default(), |core, stop| core.read_data_source(request, stop)).await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<message::validate_ephemeral_resource_config::Request>,
    ) -> Answer<message::validate_ephemeral_resource_config::Response> {
        let request = request.into_inner();
        let rpc = rpc("ValidateEphemeralResourceConfig", &request.type_name);
        self.call(rpc, Default::default(), |core, _| async move { core.validate_ephemeral(&request) }).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<message::open_ephemeral_resource::Request>,
    ) -> Answer<message::open_ephemeral_resource::Response> {
        let request = request.into_inner();
        let rpc = rpc("OpenEphemeralResource", &request.type_name);
        self.call(rpc, Default::default(), |core, stop| core.open_ephemeral(request, stop)).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<message::renew_ephemeral_resource::Request>,
    ) -> Answer<message::renew_ephemeral_resource::Response> {
        let request = request.into_inner();
        let rpc = rpc("RenewEphemeralResource", &request.type_name);
        self.call(rpc, Default::default(), |core, stop| core.renew_ephemeral(request, stop)).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<message::close_ephemeral_resource::Request>,
    ) -> Answer<message::close_ephemeral_resource::Response> {
        let request = request.into_inner();
        let rpc = rpc("CloseEphemeralResource", &request.type_name);
        self.call(rpc, Default::default(), |core, stop| core.close_ephemeral(request, stop)).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<message::validate_list_resource_config::Request>,
    ) -> Answer<message::validate_list_resource_config::Response> {
        Ok(Response::new(unbuilt::validate_list(&request.get_ref().type_name)))
    }

    async fn list_resource(
        &self,
        request: Request<message::list_resource::Request>,
    ) -> Answer<BoxStream<message::list_resource::Event>> {
        Ok(Response::new(unbuilt::list(&request.get_ref().type_name)))
    }

    async fn call_function(
        &self,
        request: Request<message::call_function::Request>,
    ) -> Answer<message::call_function::Response> {
        Ok(Response::new(unbuilt::call_function(&request.get_ref().name)))
    }

    async fn validate_action_config(
        &self,
        request: Request<message::validate_action_config::Request>,
    ) -> Answer<message::validate_action_config::Response> {
        Ok(Response::new(unbuilt::validate_action(&request.get_ref().type_name)))
    }

    async fn plan_action(
        &self,
        request: Request<message::plan_action::Request>,
    ) -> Answer<message::plan_action::Response> {
        Ok(Response::new(unbuilt::plan_action(&request.get_ref().action_type)))
    }

    async fn invoke_action(
        &self,
        request: Request<message::invoke_action::Request>,
    ) -> Answer<BoxStream<message::invoke_action::Event>> {
        Ok(Response::new(unbuilt::invoke_action(&request.get_ref().action_type)))
    }
}
